"""The pages that everybody can read: the lessons as students have them, with their results."""
