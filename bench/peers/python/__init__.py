"""The Python clients, as programs that do what the other languages' do."""
