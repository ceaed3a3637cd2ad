"""The work. A place is where files are; what tasks do with files does not know which protocol they come over."""
