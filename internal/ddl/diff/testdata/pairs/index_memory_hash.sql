-- The algorithm of an index means something for MEMORY tables
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY ka (a) USING HASH) ENGINE = MEMORY;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY ka (a) USING BTREE) ENGINE = MEMORY;
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `ka`, ADD KEY `ka` (`a`) USING BTREE
