-- A sequence becomes a table, a table a sequence
-- servers mariadb
-- before
CREATE SEQUENCE s;
CREATE TABLE t (id INT PRIMARY KEY);
-- after
CREATE TABLE s (id INT PRIMARY KEY);
CREATE SEQUENCE t;
-- expect
drop_table: DROP TABLE `t`
  lost: table `t` with its rows
drop_sequence: DROP SEQUENCE `s`
  lost: sequence `s` with its current value
create_sequence: CREATE SEQUENCE `t` start with 1 minvalue 1 maxvalue 9223372036854775806 increment by 1 cache 1000 nocycle ENGINE=InnoDB
create_table: CREATE TABLE `s` (`id` int(11) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
