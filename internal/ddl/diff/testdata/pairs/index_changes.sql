-- Prefix, uniqueness and direction of keys change
-- before
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(100), b INT, KEY k1 (a), KEY k2 (b), KEY k3 (a, b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(100), b INT, KEY k1 (a(10)), UNIQUE KEY k2 (b), KEY k3 (a DESC, b));
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `k1`, DROP INDEX `k2`, DROP INDEX `k3`, ADD UNIQUE KEY `k2` (`b`), ADD KEY `k1` (`a`(10)), ADD KEY `k3` (`a` DESC,`b`)
  reason: index `t`.`k2`: fails while two rows hold the same values
