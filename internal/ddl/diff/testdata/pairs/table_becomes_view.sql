-- A table becomes a view, a view a table
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t;
CREATE TABLE w (id INT PRIMARY KEY);
-- after
CREATE TABLE t (id INT PRIMARY KEY);
CREATE TABLE v (id INT PRIMARY KEY);
CREATE VIEW w AS SELECT id FROM t;
-- expect mariadb
drop_view: DROP VIEW `v`
drop_table: DROP TABLE `w`
  lost: table `w` with its rows
create_table: CREATE TABLE `v` (`id` int(11) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `w` AS select `t`.`id` AS `id` from `t`
-- expect mysql
drop_view: DROP VIEW `v`
drop_table: DROP TABLE `w`
  lost: table `w` with its rows
create_table: CREATE TABLE `v` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `w` AS select `t`.`id` AS `id` from `t`
