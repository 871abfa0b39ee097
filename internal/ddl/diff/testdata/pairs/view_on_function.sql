-- A view that calls a function, and a table beside
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT);
CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC NO SQL RETURN x * 2;
CREATE VIEW a AS SELECT twice(a) AS b FROM t;
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `a` int(11) DEFAULT NULL
create_function: CREATE DEFINER=me FUNCTION `twice`(x INT) RETURNS int(11) NO SQL DETERMINISTIC RETURN x * 2
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a` AS select `twice`(`t`.`a`) AS `b` from `t`
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `a` int DEFAULT NULL
create_function: CREATE DEFINER=me FUNCTION `twice`(x INT) RETURNS int NO SQL DETERMINISTIC RETURN x * 2
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a` AS select `twice`(`t`.`a`) AS `b` from `t`
