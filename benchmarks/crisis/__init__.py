"""How many messages of a person at risk the crisis gate recognises, and how often it is wrong."""
