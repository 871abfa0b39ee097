-- A view of all columns gets one more
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v AS SELECT * FROM t;
-- after
CREATE TABLE t (id INT PRIMARY KEY, x INT);
CREATE VIEW v AS SELECT * FROM t;
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `x` int(11) DEFAULT NULL
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id`,`t`.`x` AS `x` from `t`
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `x` int DEFAULT NULL
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id`,`t`.`x` AS `x` from `t`
