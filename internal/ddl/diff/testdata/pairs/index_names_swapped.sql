-- Two keys exchange their names
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY k1 (a), KEY k2 (b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY k1 (b), KEY k2 (a));
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `k1`, DROP INDEX `k2`, ADD KEY `k1` (`b`), ADD KEY `k2` (`a`)
