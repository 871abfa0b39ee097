-- The name of a check moves to another table
-- before
CREATE TABLE a (id INT PRIMARY KEY);
CREATE TABLE b (id INT PRIMARY KEY, x INT, CONSTRAINT small CHECK (x < 10));
-- after
CREATE TABLE a (id INT PRIMARY KEY, CONSTRAINT small CHECK (id < 10));
CREATE TABLE b (id INT PRIMARY KEY, x INT);
-- expect mariadb
add_check: ALTER TABLE `a` ADD CONSTRAINT `small` CHECK (`id` < 10)
  reason: check `a`.`small`: fails while a row violates it
drop_check: ALTER TABLE `b` DROP CONSTRAINT `small`
-- expect mysql
drop_check: ALTER TABLE `b` DROP CHECK `small`
add_check: ALTER TABLE `a` ADD CONSTRAINT `small` CHECK ((`id` < 10))
  reason: check `a`.`small`: fails while a row violates it
