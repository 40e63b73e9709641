"""The steps of `marbre repair`, each in a module: files, records, rows of captures, what is lost, what is derived."""
