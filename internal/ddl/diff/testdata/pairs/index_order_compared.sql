-- The order of keys when it is asked for
-- options index order
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, KEY k1 (a), KEY k2 (b), UNIQUE KEY u1 (c), UNIQUE KEY u2 (b, c));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, KEY k2 (b), KEY k1 (a), UNIQUE KEY u2 (b, c), UNIQUE KEY u1 (c));
-- expect
drop_index: ALTER TABLE `t` DROP INDEX `u1`, DROP INDEX `u2`, DROP INDEX `k1`, DROP INDEX `k2`
add_index: ALTER TABLE `t` ADD UNIQUE KEY `u2` (`b`,`c`), ADD UNIQUE KEY `u1` (`c`), ADD KEY `k2` (`b`), ADD KEY `k1` (`a`)
