"""Cases: the children a case is about, who works on it, its openings and endings, its seal."""
