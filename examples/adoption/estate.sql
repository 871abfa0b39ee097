-- An estate that somebody made by hand: one database for each customer. The
-- bakery was never brought up to date, and the library has things of its own.

CREATE DATABASE adoption_bakery CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE adoption_bakery.customers (
  id   INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(80) NOT NULL
);
CREATE TABLE adoption_bakery.orders (
  id          INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT NOT NULL,
  cents       INT NOT NULL,
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES adoption_bakery.customers (id)
);
INSERT INTO adoption_bakery.customers (name) VALUES ('Ada'), ('Grace');
INSERT INTO adoption_bakery.orders (customer_id, cents) VALUES (1, 420), (2, 1999);

CREATE DATABASE adoption_library CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE adoption_library.customers (
  id    INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name  VARCHAR(80) NOT NULL,
  phone VARCHAR(40) NULL,
  card  VARCHAR(20) NULL,
  KEY by_card (card)
);
CREATE TABLE adoption_library.orders (
  id          INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT NOT NULL,
  cents       INT NOT NULL,
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES adoption_library.customers (id)
);
CREATE TABLE adoption_library.loans (
  id          INT  NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT  NOT NULL,
  due         DATE NOT NULL
);
CREATE TABLE adoption_library.scratch (id INT NOT NULL PRIMARY KEY);
INSERT INTO adoption_library.customers (name, card) VALUES ('Edsger', 'L-1');
INSERT INTO adoption_library.loans (customer_id, due) VALUES (1, '2026-12-24');
