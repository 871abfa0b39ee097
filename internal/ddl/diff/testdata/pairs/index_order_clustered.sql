-- Without a primary key the first unique key over NOT NULL holds the rows
-- before
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE KEY ua (a), UNIQUE KEY ub (b));
-- after
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE KEY ub (b), UNIQUE KEY ua (a));
-- expect
drop_index: ALTER TABLE `t` DROP INDEX `ua`, DROP INDEX `ub`
add_index: ALTER TABLE `t` ADD UNIQUE KEY `ub` (`b`), ADD UNIQUE KEY `ua` (`a`)
