-- A check without a name before others shifts the names that the server gives
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CHECK (a > 0), CHECK (b > 0));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CHECK (a <> 7), CHECK (a > 0), CHECK (b > 0));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP CONSTRAINT `CONSTRAINT_1`, DROP CONSTRAINT `CONSTRAINT_2`, ADD CONSTRAINT `CONSTRAINT_1` CHECK (`a` <> 7), ADD CONSTRAINT `CONSTRAINT_2` CHECK (`a` > 0), ADD CONSTRAINT `CONSTRAINT_3` CHECK (`b` > 0)
  reason: check `t`.`CONSTRAINT_1`: fails while a row violates it; check `t`.`CONSTRAINT_2`: fails while a row violates it; check `t`.`CONSTRAINT_3`: fails while a row violates it
-- expect mysql
alter_table: ALTER TABLE `t` DROP CHECK `t_chk_1`, DROP CHECK `t_chk_2`, ADD CONSTRAINT `t_chk_1` CHECK ((`a` <> 7)), ADD CONSTRAINT `t_chk_2` CHECK ((`a` > 0)), ADD CONSTRAINT `t_chk_3` CHECK ((`b` > 0))
  reason: check `t`.`t_chk_1`: fails while a row violates it; check `t`.`t_chk_2`: fails while a row violates it; check `t`.`t_chk_3`: fails while a row violates it
