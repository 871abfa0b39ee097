-- Checks come, go and change
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CONSTRAINT c1 CHECK (a > 0), CONSTRAINT c2 CHECK (b > 0));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CONSTRAINT c1 CHECK (a > 1), CONSTRAINT c3 CHECK (b < 100 OR a IN (1, 2)));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP CONSTRAINT `c1`, DROP CONSTRAINT `c2`, ADD CONSTRAINT `c1` CHECK (`a` > 1), ADD CONSTRAINT `c3` CHECK (`b` < 100 or `a` in (1,2))
  reason: check `t`.`c1`: fails while a row violates it; check `t`.`c3`: fails while a row violates it
-- expect mysql
alter_table: ALTER TABLE `t` DROP CHECK `c1`, DROP CHECK `c2`, ADD CONSTRAINT `c1` CHECK ((`a` > 1)), ADD CONSTRAINT `c3` CHECK (((`b` < 100) or (`a` in (1,2))))
  reason: check `t`.`c1`: fails while a row violates it; check `t`.`c3`: fails while a row violates it
