#!/bin/bash
# Web server of the small service: the same page on 80 and 8080.
set -euxo pipefail
for i in 1 2 3 4 5; do dnf install -y httpd && break; sleep 15; done
echo '<h1>my-alchemine-app</h1>' >/var/www/html/index.html
echo 'Listen 8080' >/etc/httpd/conf.d/lab8080.conf
systemctl enable --now httpd
