-- A check asks a new member for the number of its place
-- before
CREATE TABLE a (id INT PRIMARY KEY, n INT);
CREATE TABLE b (id INT PRIMARY KEY, n INT);
-- data
INSERT INTO a VALUES (1, 1);
INSERT INTO b VALUES (1, 1);
-- after
CREATE TABLE a (id INT PRIMARY KEY, n INT, flags SET('x','y') NOT NULL, CONSTRAINT af CHECK ((flags & 1) = 0));
CREATE TABLE b (id INT PRIMARY KEY, n INT, v ENUM('x','y') NOT NULL, CONSTRAINT bv CHECK (v + 0 = 1));
