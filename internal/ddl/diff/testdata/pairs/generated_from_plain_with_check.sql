-- A plain column with a check becomes generated
-- before
CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT, h INT, CONSTRAINT ckg CHECK (g > 0), CONSTRAINT ckh CHECK (h > g));
-- after
CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) VIRTUAL, h INT AS (a+2) STORED, CONSTRAINT ckg CHECK (g > 0), CONSTRAINT ckh CHECK (h > g));
-- expect mariadb
alter_table: ALTER TABLE `gd` DROP CONSTRAINT `ckg`, DROP CONSTRAINT `ckh`, DROP COLUMN `g`, ADD COLUMN `g` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL AFTER `a`, MODIFY COLUMN `h` int(11) GENERATED ALWAYS AS (`a` + 2) STORED, ADD CONSTRAINT `ckg` CHECK (`g` > 0), ADD CONSTRAINT `ckh` CHECK (`h` > `g`)
  lost: column `gd`.`g` with its values; values of `gd`.`h`, which becomes generated
  reason: column `gd`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; check `gd`.`ckg`: added again, because a column that it looks at is dropped and added; fails while a row violates it; check `gd`.`ckh`: added again, because a column that it looks at is dropped and added; fails while a row violates it
-- expect mysql
alter_table: ALTER TABLE `gd` DROP CHECK `ckg`, DROP CHECK `ckh`, DROP COLUMN `g`, ADD COLUMN `g` int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL AFTER `a`, MODIFY COLUMN `h` int GENERATED ALWAYS AS ((`a` + 2)) STORED, ADD CONSTRAINT `ckg` CHECK ((`g` > 0)), ADD CONSTRAINT `ckh` CHECK ((`h` > `g`))
  lost: column `gd`.`g` with its values; values of `gd`.`h`, which becomes generated
  reason: column `gd`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; check `gd`.`ckg`: added again, because a column that it looks at is dropped and added; fails while a row violates it; check `gd`.`ckh`: added again, because a column that it looks at is dropped and added; fails while a row violates it
