-- Texts become UUIDs and addresses
-- servers mariadb
-- before
CREATE TABLE a (id INT PRIMARY KEY, u CHAR(36), i VARCHAR(45), j VARCHAR(15));
CREATE TABLE b (id INT PRIMARY KEY, u CHAR(36), i VARCHAR(45));
CREATE TABLE c (id INT PRIMARY KEY, u VARCHAR(36));
-- data
INSERT INTO a VALUES (1, '123e4567-e89b-12d3-a456-426614174000', '::1', '1.2.3.4'), (2, NULL, NULL, NULL);
INSERT INTO b VALUES (1, '123E4567-E89B-12D3-A456-426614174000', '1.2.3.4');
INSERT INTO c VALUES (1, 'nonsense');
-- after
CREATE TABLE a (id INT PRIMARY KEY, u UUID, i INET6, j INET4);
CREATE TABLE b (id INT PRIMARY KEY, u UUID, i INET6);
CREATE TABLE c (id INT PRIMARY KEY, u UUID);
-- expect mariadb-10.11
modify_column: ALTER TABLE `a` MODIFY COLUMN `u` uuid DEFAULT NULL, MODIFY COLUMN `i` inet6 DEFAULT NULL, MODIFY COLUMN `j` inet4 DEFAULT NULL
  lost: the spelling of values of `a`.`u`; the spelling of values of `a`.`i`; the spelling of values of `a`.`j`
  reason: column `a`.`u`: values are converted from char(36) to uuid; a value is kept, not how it was written; column `a`.`i`: values are converted from varchar(45) to inet6; a value is kept, not how it was written; column `a`.`j`: values are converted from varchar(15) to inet4; a value is kept, not how it was written
modify_column: ALTER TABLE `b` MODIFY COLUMN `u` uuid DEFAULT NULL, MODIFY COLUMN `i` inet6 DEFAULT NULL
  lost: the spelling of values of `b`.`u`; the spelling of values of `b`.`i`
  reason: column `b`.`u`: values are converted from char(36) to uuid; a value is kept, not how it was written; column `b`.`i`: values are converted from varchar(45) to inet6; a value is kept, not how it was written
  found: 1 row of `b` violates the new type of `u`: another spelling than that of uuid, e.g. `id` 1
  found: 1 row of `b` violates the new type of `i`: no inet6, e.g. `id` 1
modify_column: ALTER TABLE `c` MODIFY COLUMN `u` uuid DEFAULT NULL
  lost: the spelling of values of `c`.`u`
  reason: column `c`.`u`: values are converted from varchar(36) to uuid; a value is kept, not how it was written
  found: 1 row of `c` violates the new type of `u`: no uuid, e.g. `id` 1
refused: 1292: ALTER TABLE `b` MODIFY COLUMN `u` uuid DEFAULT NULL, MODIFY COLUMN `i` inet6 DEFAULT NULL
refused: 1292: ALTER TABLE `c` MODIFY COLUMN `u` uuid DEFAULT NULL
-- expect mariadb-11.8
modify_column: ALTER TABLE `a` MODIFY COLUMN `u` uuid DEFAULT NULL, MODIFY COLUMN `i` inet6 DEFAULT NULL, MODIFY COLUMN `j` inet4 DEFAULT NULL
  lost: the spelling of values of `a`.`u`; the spelling of values of `a`.`i`; the spelling of values of `a`.`j`
  reason: column `a`.`u`: values are converted from char(36) to uuid; a value is kept, not how it was written; column `a`.`i`: values are converted from varchar(45) to inet6; a value is kept, not how it was written; column `a`.`j`: values are converted from varchar(15) to inet4; a value is kept, not how it was written
modify_column: ALTER TABLE `b` MODIFY COLUMN `u` uuid DEFAULT NULL, MODIFY COLUMN `i` inet6 DEFAULT NULL
  lost: the spelling of values of `b`.`u`; the spelling of values of `b`.`i`
  reason: column `b`.`u`: values are converted from char(36) to uuid; a value is kept, not how it was written; column `b`.`i`: values are converted from varchar(45) to inet6; a value is kept, not how it was written
  found: 1 row of `b` violates the new type of `u`: another spelling than that of uuid, e.g. `id` 1
  found: 1 row of `b` violates the new type of `i`: another spelling than that of inet6, e.g. `id` 1
modify_column: ALTER TABLE `c` MODIFY COLUMN `u` uuid DEFAULT NULL
  lost: the spelling of values of `c`.`u`
  reason: column `c`.`u`: values are converted from varchar(36) to uuid; a value is kept, not how it was written
  found: 1 row of `c` violates the new type of `u`: no uuid, e.g. `id` 1
refused: 1292: ALTER TABLE `c` MODIFY COLUMN `u` uuid DEFAULT NULL
