"""Where things stand on a sheet: header, codes, labels, rows, periods, cells."""
