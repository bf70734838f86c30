/* cedar_demand */
