import {
  to = landlord_tenant_data_copy.second_shop
  id = "bookstore-north/1"
}
