-- An application-time period is kept while columns change
-- servers mariadb
-- before
CREATE TABLE t (id INT, s DATE, e DATE, PERIOD FOR p (s, e), UNIQUE KEY u (id, p WITHOUT OVERLAPS));
-- after
CREATE TABLE t (id INT, s DATE, e DATE, x INT, PERIOD FOR p (s, e), UNIQUE KEY u (id, p WITHOUT OVERLAPS));
-- expect
add_column: ALTER TABLE `t` ADD COLUMN `x` int(11) DEFAULT NULL
