package @package@;
