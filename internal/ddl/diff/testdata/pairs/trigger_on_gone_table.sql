-- A trigger goes before its table does
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE TABLE u (id INT PRIMARY KEY);
CREATE TRIGGER tr BEFORE INSERT ON u FOR EACH ROW SET @x = 1;
-- after
CREATE TABLE t (id INT PRIMARY KEY);
-- expect
drop_trigger: DROP TRIGGER `tr`
drop_table: DROP TABLE `u`
  lost: table `u` with its rows
