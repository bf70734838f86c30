/* cedar_track */
