-- Members that a collation takes for equal: values take the new spelling, and are not refused
-- before
CREATE TABLE a (id INT PRIMARY KEY, v ENUM('Ja','Nein'), w SET('R','W'));
CREATE TABLE b (id INT PRIMARY KEY, v ENUM('Ja','Nein') COLLATE utf8mb4_bin);
CREATE TABLE c (id INT PRIMARY KEY, v ENUM('cafe','the'));
CREATE TABLE d (id INT PRIMARY KEY, v ENUM('a','b') COLLATE utf8mb4_bin);
CREATE TABLE e (id INT PRIMARY KEY, v ENUM('Ja','Nein','Weg'));
CREATE TABLE f (id INT PRIMARY KEY, v ENUM('Ja','Nein'));
-- data
INSERT INTO a VALUES (1, 'Ja', 'R,W'), (2, 'Nein', NULL);
INSERT INTO b VALUES (1, 'Ja');
INSERT INTO c VALUES (1, 'cafe');
INSERT INTO d VALUES (1, 'a');
INSERT INTO e VALUES (1, 'Weg');
INSERT INTO f VALUES (1, NULL);
-- after
CREATE TABLE a (id INT PRIMARY KEY, v ENUM('NEIN','JA'), w SET('w','r'));
CREATE TABLE b (id INT PRIMARY KEY, v ENUM('JA','NEIN') COLLATE utf8mb4_bin);
CREATE TABLE c (id INT PRIMARY KEY, v ENUM('café','thé'));
CREATE TABLE d (id INT PRIMARY KEY, v ENUM('A','B') COLLATE utf8mb4_general_ci);
CREATE TABLE e (id INT PRIMARY KEY, v ENUM('JA','NEIN'));
CREATE TABLE f (id INT PRIMARY KEY, v ENUM('JA','NEIN'));
-- expect mariadb
modify_column: ALTER TABLE `a` MODIFY COLUMN `v` enum('NEIN','JA') DEFAULT NULL, MODIFY COLUMN `w` set('w','r') DEFAULT NULL
  lost: the spelling of 'Ja', 'Nein' of `a`.`v`; the spelling of 'R', 'W' of `a`.`w`
  reason: column `a`.`v`: values take the spelling of the new ones; column `a`.`w`: values take the spelling of the new ones
  found: 2 rows of `a` violate the new type of `v`: another spelling than that of the new values, e.g. `id` 1
  found: 1 row of `a` violates the new type of `w`: another spelling than that of the new values, e.g. `id` 1
modify_column: ALTER TABLE `b` MODIFY COLUMN `v` enum('JA','NEIN') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `b`.`v`: a strict server refuses rows that hold a value that goes
  found: 1 row of `b` violates the new type of `v`: a value that goes ('Ja', 'Nein'), e.g. `id` 1
modify_column: ALTER TABLE `c` MODIFY COLUMN `v` enum('café','thé') DEFAULT NULL
  lost: the spelling of 'cafe', 'the' of `c`.`v`
  reason: column `c`.`v`: a strict server refuses rows that hold a value that goes; values take the spelling of the new ones
  found: 1 row of `c` violates the new type of `v`: another spelling than that of the new values, e.g. `id` 1
modify_column: ALTER TABLE `d` MODIFY COLUMN `v` enum('A','B') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL
  lost: the spelling of 'a', 'b' of `d`.`v`
  reason: column `d`.`v`: values take the spelling of the new ones; its collation changes from utf8mb4_bin to utf8mb4_general_ci
  found: 1 row of `d` violates the new type of `v`: another spelling than that of the new values, e.g. `id` 1
modify_column: ALTER TABLE `e` MODIFY COLUMN `v` enum('JA','NEIN') DEFAULT NULL
  lost: the spelling of 'Ja', 'Nein' of `e`.`v`
  reason: column `e`.`v`: a strict server refuses rows that hold a value that goes; values take the spelling of the new ones
  found: 1 row of `e` violates the new type of `v`: a value that goes ('Weg'), e.g. `id` 1
modify_column: ALTER TABLE `f` MODIFY COLUMN `v` enum('JA','NEIN') DEFAULT NULL
  lost: the spelling of 'Ja', 'Nein' of `f`.`v`
  reason: column `f`.`v`: values take the spelling of the new ones
refused: 1265: ALTER TABLE `b` MODIFY COLUMN `v` enum('JA','NEIN') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
refused: 1265: ALTER TABLE `e` MODIFY COLUMN `v` enum('JA','NEIN') DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `a` MODIFY COLUMN `v` enum('NEIN','JA') COLLATE utf8mb4_unicode_ci DEFAULT NULL, MODIFY COLUMN `w` set('w','r') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: the spelling of 'Ja', 'Nein' of `a`.`v`; the spelling of 'R', 'W' of `a`.`w`
  reason: column `a`.`v`: values take the spelling of the new ones; column `a`.`w`: values take the spelling of the new ones
  found: 2 rows of `a` violate the new type of `v`: another spelling than that of the new values, e.g. `id` 1
  found: 1 row of `a` violates the new type of `w`: another spelling than that of the new values, e.g. `id` 1
modify_column: ALTER TABLE `b` MODIFY COLUMN `v` enum('JA','NEIN') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `b`.`v`: a strict server refuses rows that hold a value that goes
  found: 1 row of `b` violates the new type of `v`: a value that goes ('Ja', 'Nein'), e.g. `id` 1
modify_column: ALTER TABLE `c` MODIFY COLUMN `v` enum('café','thé') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: the spelling of 'cafe', 'the' of `c`.`v`
  reason: column `c`.`v`: a strict server refuses rows that hold a value that goes; values take the spelling of the new ones
  found: 1 row of `c` violates the new type of `v`: another spelling than that of the new values, e.g. `id` 1
modify_column: ALTER TABLE `d` MODIFY COLUMN `v` enum('A','B') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL
  lost: the spelling of 'a', 'b' of `d`.`v`
  reason: column `d`.`v`: values take the spelling of the new ones; its collation changes from utf8mb4_bin to utf8mb4_general_ci
  found: 1 row of `d` violates the new type of `v`: another spelling than that of the new values, e.g. `id` 1
modify_column: ALTER TABLE `e` MODIFY COLUMN `v` enum('JA','NEIN') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: the spelling of 'Ja', 'Nein' of `e`.`v`
  reason: column `e`.`v`: a strict server refuses rows that hold a value that goes; values take the spelling of the new ones
  found: 1 row of `e` violates the new type of `v`: a value that goes ('Weg'), e.g. `id` 1
modify_column: ALTER TABLE `f` MODIFY COLUMN `v` enum('JA','NEIN') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: the spelling of 'Ja', 'Nein' of `f`.`v`
  reason: column `f`.`v`: values take the spelling of the new ones
refused: 1265: ALTER TABLE `b` MODIFY COLUMN `v` enum('JA','NEIN') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
refused: 1265: ALTER TABLE `e` MODIFY COLUMN `v` enum('JA','NEIN') COLLATE utf8mb4_unicode_ci DEFAULT NULL
