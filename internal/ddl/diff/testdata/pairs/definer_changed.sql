-- Another definer is a difference
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE DEFINER = 'nobody'@'localhost' VIEW v AS SELECT id FROM t;
CREATE DEFINER = 'nobody'@'localhost' TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- after
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
-- expect
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id` from `t`
drop_trigger: DROP TRIGGER `tr`
create_trigger: CREATE DEFINER=me TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW SET @x = 1
