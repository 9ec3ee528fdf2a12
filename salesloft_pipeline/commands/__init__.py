"""The commands of `salesloft-pipeline`, by what they are about. Each hands over to its room; nothing is decided here."""
