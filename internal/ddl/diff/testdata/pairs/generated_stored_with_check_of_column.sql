-- A generated column whose check stands beside it
-- servers mariadb
-- before
CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) STORED CHECK (g > 0), b INT CHECK (b > g));
-- after
CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) VIRTUAL CHECK (g > 0), b INT CHECK (b > g));
-- expect
replace_column: ALTER TABLE `gd` DROP COLUMN `g`, ADD COLUMN `g` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL CHECK (`g` > 0) AFTER `a`
  reason: column `gd`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again
