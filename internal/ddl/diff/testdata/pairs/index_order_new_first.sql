-- A new key before others when the order is asked for
-- options index order
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, KEY k1 (a), KEY k2 (b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, KEY k0 (c), KEY k1 (a), KEY k2 (b));
-- expect
drop_index: ALTER TABLE `t` DROP INDEX `k1`, DROP INDEX `k2`
add_index: ALTER TABLE `t` ADD KEY `k0` (`c`), ADD KEY `k1` (`a`), ADD KEY `k2` (`b`)
