"""Photos and documents that prove what a record or a task says: encrypted files, and to what they are attached."""
