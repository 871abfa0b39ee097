-- Every shop begins with a place for what has no better one.
INSERT INTO categories (name, slug) VALUES ('Other', 'other');
