-- A generated column with checks, kept otherwise
-- before
CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) STORED, CONSTRAINT ckg CHECK (g > 0), CONSTRAINT cka CHECK (g > a));
-- after
CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) VIRTUAL, CONSTRAINT ckg CHECK (g > 0), CONSTRAINT cka CHECK (g > a));
-- expect mariadb
alter_table: ALTER TABLE `gd` DROP CONSTRAINT `ckg`, DROP CONSTRAINT `cka`, DROP COLUMN `g`, ADD COLUMN `g` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL, ADD CONSTRAINT `ckg` CHECK (`g` > 0), ADD CONSTRAINT `cka` CHECK (`g` > `a`)
  reason: column `gd`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again; check `gd`.`ckg`: added again, because a column that it looks at is dropped and added; fails while a row violates it; check `gd`.`cka`: added again, because a column that it looks at is dropped and added; fails while a row violates it
-- expect mysql
alter_table: ALTER TABLE `gd` DROP CHECK `cka`, DROP CHECK `ckg`, DROP COLUMN `g`, ADD COLUMN `g` int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL, ADD CONSTRAINT `cka` CHECK ((`g` > `a`)), ADD CONSTRAINT `ckg` CHECK ((`g` > 0))
  reason: column `gd`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again; check `gd`.`cka`: added again, because a column that it looks at is dropped and added; fails while a row violates it; check `gd`.`ckg`: added again, because a column that it looks at is dropped and added; fails while a row violates it
