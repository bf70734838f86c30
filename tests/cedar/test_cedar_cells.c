/* cedar_cells */
