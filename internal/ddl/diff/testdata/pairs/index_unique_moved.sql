-- A unique key moves from one column to another
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, UNIQUE KEY u (a));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, UNIQUE KEY u (b));
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `u`, ADD UNIQUE KEY `u` (`b`)
  reason: index `t`.`u`: fails while two rows hold the same values
