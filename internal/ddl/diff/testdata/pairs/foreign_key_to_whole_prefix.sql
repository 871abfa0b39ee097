-- A prefix as long as its column is the whole column
-- before
CREATE TABLE person (id int PRIMARY KEY, login varchar(50) NOT NULL, UNIQUE KEY u (login(50)));
CREATE TABLE note (id int PRIMARY KEY, login varchar(50), CONSTRAINT fk_n FOREIGN KEY (login) REFERENCES person (login));
-- after
CREATE TABLE person (id int PRIMARY KEY, login varchar(50) NOT NULL, born date, UNIQUE KEY u (login(50)));
CREATE TABLE note (id int PRIMARY KEY, login varchar(50), body text, CONSTRAINT fk_n FOREIGN KEY (login) REFERENCES person (login));
-- expect mariadb
add_column: ALTER TABLE `note` ADD COLUMN `body` text DEFAULT NULL
add_column: ALTER TABLE `person` ADD COLUMN `born` date DEFAULT NULL
-- expect mysql
add_column: ALTER TABLE `note` ADD COLUMN `body` text COLLATE utf8mb4_unicode_ci
add_column: ALTER TABLE `person` ADD COLUMN `born` date DEFAULT NULL
