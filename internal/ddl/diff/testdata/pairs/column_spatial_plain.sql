-- Points and their index
-- before
CREATE TABLE t (id INT PRIMARY KEY, g POINT NOT NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, g GEOMETRY NOT NULL, p POLYGON, SPATIAL KEY sg (g));
-- expect
alter_table: ALTER TABLE `t` MODIFY COLUMN `g` geometry NOT NULL, ADD COLUMN `p` polygon DEFAULT NULL, ADD SPATIAL KEY `sg` (`g`)
