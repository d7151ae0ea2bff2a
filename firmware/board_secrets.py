"""What must not get into a repository: fill it in and keep it to yourself."""

wifi_ssid = "my network"
wifi_pass = "its password"

mqtt_server = "broker.example.com"  # the name in its certificate
mqtt_user = "my-board"
mqtt_password = "secret"
