"""Faces: what people and programs touch. They know agents; they know no tool's inside."""
