"""How well passages are found, and what finding them costs."""
