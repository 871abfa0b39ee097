-- Another definer is no difference when it is not asked for
-- options ignore definer
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE DEFINER = 'nobody'@'localhost' VIEW v AS SELECT id FROM t;
CREATE DEFINER = 'nobody'@'localhost' PROCEDURE p() SELECT 1;
CREATE DEFINER = 'nobody'@'localhost' PROCEDURE q() SELECT 1;
-- after
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t;
CREATE PROCEDURE p() SELECT 1;
CREATE PROCEDURE q() SELECT 2;
-- expect
drop_procedure: DROP PROCEDURE `q`
create_procedure: CREATE DEFINER=me PROCEDURE `q`() SELECT 2
