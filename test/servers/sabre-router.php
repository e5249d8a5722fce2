<?php
// The script that `php -S` runs for each request of sabre-dav.ts; its settings are in the file that SABRE_SETTINGS names.

error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', '0');
ini_set('log_errors', '1');
date_default_timezone_set('UTC');
require_once 'Sabre/autoload.php';

class Passwords extends Sabre\DAV\Auth\Backend\AbstractBasic
{
    private $settings;

    public function __construct($settings)
    {
        $this->settings = $settings;
    }

    protected function validateUserPass($user, $password)
    {
        return $user === $this->settings->user && hash_equals($this->settings->password, $password);
    }
}

$settings = json_decode(file_get_contents(getenv('SABRE_SETTINGS')));
$server = new Sabre\DAV\Server(new Sabre\DAV\FSExt\Directory($settings->root));
$server->setBaseUri('/');
$server->addPlugin(new Sabre\DAV\Locks\Plugin(new Sabre\DAV\Locks\Backend\File($settings->locks)));
if ($settings->authentication === 'basic') {
    $server->addPlugin(new Sabre\DAV\Auth\Plugin(new Passwords($settings), $settings->realm));
}
if ($settings->authentication === 'digest') {
    $server->addPlugin(new Sabre\DAV\Auth\Plugin(new Sabre\DAV\Auth\Backend\File($settings->digest), $settings->realm));
}
$server->exec();
