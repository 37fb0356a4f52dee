"""The official clients in C and in Java, as programs that do what the other contenders do."""
