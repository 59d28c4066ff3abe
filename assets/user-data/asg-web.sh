#!/bin/bash
# Web server with a page that shows which instance answers, and a tool that makes load.
set -euxo pipefail
for i in 1 2 3 4 5; do dnf install -y httpd php php-fpm stress && break; sleep 15; done
mkdir -p /var/www/html/ec2meta-webpage
cat >/var/www/html/ec2meta-webpage/index.php <<'PHP'
<?php
function imds(string $m, string $path, array $h): string {
  $c = stream_context_create(['http' => ['method' => $m, 'header' => $h, 'timeout' => 1, 'ignore_errors' => true]]);
  $r = @file_get_contents("http://169.254.169.254$path", false, $c);
  return $r === false ? '' : $r;
}
$t = imds('PUT', '/latest/api/token', ['X-aws-ec2-metadata-token-ttl-seconds: 60', 'Content-Length: 0']);
$h = ["X-aws-ec2-metadata-token: $t"];
$m = [];
foreach (['instance-id','ami-id','instance-type','local-ipv4','placement/availability-zone'] as $k)
  $m[$k] = imds('GET', "/latest/meta-data/$k", $h);
http_response_code($m['instance-id'] === '' ? 500 : 200);
header('Cache-Control: no-store');
foreach ($m as $k => $v) echo htmlspecialchars("$k: $v") . "<br>\n";
PHP
echo ok >/var/www/html/index.html
systemctl enable --now php-fpm httpd
