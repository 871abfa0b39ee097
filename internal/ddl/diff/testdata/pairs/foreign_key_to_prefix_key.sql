-- The key of the parent has a prefix behind the columns
-- servers mariadb
-- before
CREATE TABLE box (id int PRIMARY KEY, a bigint, label text, KEY k (a, label(5)));
CREATE TABLE thing (id int PRIMARY KEY, a bigint, CONSTRAINT f FOREIGN KEY (a) REFERENCES box (a));
-- after
CREATE TABLE box (id int PRIMARY KEY, a bigint, label text NOT NULL, KEY k (a, label(5)));
CREATE TABLE thing (id int PRIMARY KEY, a bigint, note int, CONSTRAINT f FOREIGN KEY (a) REFERENCES box (a));
-- expect
modify_column: ALTER TABLE `box` MODIFY COLUMN `label` text NOT NULL
  reason: column `box`.`label`: fails while a row holds NULL
add_column: ALTER TABLE `thing` ADD COLUMN `note` int(11) DEFAULT NULL
