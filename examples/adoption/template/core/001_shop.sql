CREATE TABLE customers (
  id    INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name  VARCHAR(80)  NOT NULL,
  phone VARCHAR(40)  NULL
);

CREATE TABLE orders (
  id          INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT NOT NULL,
  cents       INT NOT NULL,
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
);
