-- A foreign key whose only key has an expression behind its columns
-- servers mysql
-- before
CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (id int PRIMARY KEY, box_id bigint, code text, note text, KEY k (box_id, (lower(left(code, 20)))), CONSTRAINT f FOREIGN KEY (box_id) REFERENCES box (id));
-- after
CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text NOT NULL);
CREATE TABLE thing (id int PRIMARY KEY, box_id bigint, code text, note text NOT NULL, KEY k (box_id, (lower(left(code, 20)))), CONSTRAINT f FOREIGN KEY (box_id) REFERENCES box (id));
-- expect
modify_column: ALTER TABLE `box` MODIFY COLUMN `label` text COLLATE utf8mb4_unicode_ci NOT NULL
  reason: column `box`.`label`: fails while a row holds NULL
modify_column: ALTER TABLE `thing` MODIFY COLUMN `note` text COLLATE utf8mb4_unicode_ci NOT NULL
  reason: column `thing`.`note`: fails while a row holds NULL
