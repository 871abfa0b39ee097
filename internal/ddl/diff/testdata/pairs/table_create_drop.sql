-- Tables come and go, parents before children and after them
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE a_child (id INT PRIMARY KEY, pid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE z_child (id INT PRIMARY KEY, pid INT, CONSTRAINT fk2 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE keepme (id INT PRIMARY KEY);
-- data
INSERT INTO p VALUES (1);
INSERT INTO a_child VALUES (4, 1), (5, 1);
-- after
CREATE TABLE keepme (id INT PRIMARY KEY);
-- expect
drop_table: DROP TABLE `a_child`
  lost: table `a_child` with its rows
  found: 2 rows of `a_child` lose everything, e.g. `id` 4
drop_table: DROP TABLE `z_child`
  lost: table `z_child` with its rows
drop_table: DROP TABLE `p`
  lost: table `p` with its rows
  found: 1 row of `p` loses everything, e.g. `id` 1
