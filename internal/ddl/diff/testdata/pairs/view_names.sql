-- Views with odd names, on each other
-- before
CREATE TABLE `t t` (`a.b` INT PRIMARY KEY);
-- after
CREATE TABLE `t t` (`a.b` INT PRIMARY KEY);
CREATE VIEW `z,v` AS SELECT `a.b` AS `from` FROM `t t`;
CREATE VIEW `a``v` AS SELECT `from` FROM `z,v`;
-- expect
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `z,v` AS select `t t`.`a.b` AS `from` from `t t`
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a``v` AS select `z,v`.`from` AS `from` from `z,v`
